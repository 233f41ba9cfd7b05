"""Events and markets as the catalogue writes them: lists packed into strings, old prices (§4.1)."""

from __future__ import annotations

from collections.abc import Sequence

from venues.money import ONE
from venues.sim.polymarket.catalogue import Event, Market, Phase
from venues.sim.polymarket.gamma_filters import OVER, Row
from venues.sim.polymarket.gamma_words import label, series_id, tag_id
from venues.sim.polymarket.records import BookView
from venues.sim.polymarket.rest_ask import Ask
from venues.sim.polymarket.rest_books import base_fee
from venues.sim.polymarket.wire_text import Object, day, iso, json_text, number, plain
from venues.sim.polymarket.wire_text_book import best, middle


def event_row(ask: Ask, event: Event) -> Object:
    """With all of its markets."""
    catalogue = ask.house.catalogue
    markets = catalogue.of_event(event.id)
    return {
        **_event_alone(event, markets),
        "markets": [market_row(ask, each) for each in markets],
        "series": [series_row(ask, event.series)] if event.series else [],
        "tags": [tag_row(ask, tag) for tag in event.tags],
    }


def market_row(ask: Ask, market: Market, *, with_event: bool = False) -> Object:
    """`with_event`: as it stands alone; within an event it does not name it again."""
    event = ask.house.catalogue.events[market.event_id]
    row = {
        **_names(market, event),
        **_state(market),
        **_terms(market),
        **_prices(ask, market),
    }
    if with_event:
        row["events"] = [_event_alone(event, ask.house.catalogue.of_event(event.id))]
    return row


def tag_row(ask: Ask, slug: str) -> Object:
    id = tag_id(ask.house.catalogue, slug)
    return {"id": id, "label": label(slug), "slug": slug, "requiresTranslation": False}


def series_row(ask: Ask, slug: str) -> Object:
    return {
        "id": series_id(ask.house.catalogue, slug),
        "ticker": slug,
        "slug": slug,
        "title": label(slug),
        "seriesType": "single",
        "active": True,
        "closed": False,
        "archived": False,
    }


def _event_alone(event: Event, markets: Sequence[Market]) -> Object:
    row = Row.of_event(event, markets)
    found: Object = {
        "id": event.id,
        "ticker": event.slug,
        "slug": event.slug,
        "title": event.title,
        "description": event.description,
        "resolutionSource": "",
        "startDate": iso(row.start_ms),
        "creationDate": iso(row.start_ms),
        "endDate": iso(event.end_ms),
        "image": "",
        "icon": "",
        "active": True,
        "closed": row.closed,
        "archived": False,
        "new": False,
        "featured": False,
        "restricted": True,
        "liquidity": 0,
        "volume": number(row.volume),
        "openInterest": 0,
        "createdAt": iso(row.start_ms),
        "updatedAt": iso(row.start_ms),
        "volume24hr": number(row.volume),
        "enableOrderBook": True,
        "negRisk": event.neg_risk,
        "commentCount": 0,
        "cyom": False,
        "showAllOutcomes": True,
        "showMarketImages": False,
        "enableNegRisk": event.neg_risk,
        "automaticallyActive": True,
        "negRiskAugmented": event.augmented,
        "cumulativeMarkets": False,
        "pendingDeployment": False,
        "deploying": False,
        "requiresTranslation": False,
    }
    if event.series:
        found["seriesSlug"] = event.series
    if event.neg_risk:
        found |= {"negRiskMarketID": group_id(event), "negRiskFeeBips": event.neg_risk_fee_bips}
    return found


def group_id(event: Event) -> str:
    """What the markets of one neg-risk event have in common."""
    return f"0x{int(event.id):062x}00"


def _names(market: Market, event: Event) -> Object:
    v2 = market.version == "v2"
    tokens: Object = {"clobTokenIds": json_text(market.tokens)}
    if v2:
        tokens = {"clobTokenIds": None, "positionIds": [*market.tokens]}
    short = market.condition[:-2] if v2 else market.condition
    group = {"negRiskMarketID": group_id(event), "negRiskRequestID": short}
    return {
        "id": market.id,
        "question": market.question,
        "conditionId": short,
        "slug": market.slug,
        "resolutionSource": "",
        "endDate": iso(market.end_ms),
        "startDate": iso(market.start_ms),
        "endDateIso": day(market.end_ms),
        "startDateIso": day(market.start_ms),
        "image": "",
        "icon": "",
        "description": market.description,
        "outcomes": json_text(market.outcomes),
        "groupItemTitle": market.title,
        "groupItemThreshold": "0",
        "questionID": short,
        "marketMakerAddress": "",
        "createdAt": iso(market.start_ms),
        "updatedAt": iso(market.start_ms),
        "version": market.version,
        "negRisk": market.neg_risk,
        "negRiskOther": market.other_leg,
        **(group if market.neg_risk else {}),
        **tokens,
    }


def _state(market: Market) -> Object:
    over = market.phase in OVER
    found: Object = {
        "active": True,
        "closed": over,
        "archived": False,
        "new": False,
        "featured": False,
        "restricted": True,
        "ready": False,
        "funded": False,
        "approved": True,
        "cyom": False,
        "enableOrderBook": True,
        "acceptingOrders": market.phase is Phase.OPEN,
        "acceptingOrdersTimestamp": iso(market.start_ms),
        "automaticallyActive": True,
        "hasReviewedDates": True,
        "manualActivation": False,
        "pendingDeployment": False,
        "deploying": False,
        "rfqEnabled": False,
        "holdingRewardsEnabled": False,
        "pagerDutyNotificationEnabled": False,
        "requiresTranslation": False,
        "showGmpSeries": False,
        "showGmpOutcome": False,
        "umaResolutionStatuses": json_text([market.uma_status] if market.uma_status else []),
    }
    if market.uma_status:
        found["umaResolutionStatus"] = market.uma_status
    if market.version == "v2":
        found["resolutionStatus"] = "resolved" if market.phase is Phase.RESOLVED else "active"
    if market.resolved_ms is not None:
        found["closedTime"] = (iso(market.resolved_ms) or "")[:19].replace("T", " ") + "+00"
        found["umaEndDate"] = iso(market.resolved_ms)
    return found


def _terms(market: Market) -> Object:
    found: Object = {
        "orderPriceMinTickSize": number(market.tick),
        "orderMinSize": number(market.minimum),
        "makerBaseFee": base_fee(market),
        "takerBaseFee": base_fee(market),
        "feesEnabled": market.fee is not None,
        "rewardsMinSize": 0,
        "rewardsMaxSpread": 0,
        "clearBookOnStart": market.cleared_at_start,
    }
    if market.fee:
        found["feeType"] = market.fee_type or "general_fees"
        found["feeSchedule"] = {
            "exponent": market.fee.exponent,
            "rate": number(market.fee.rate),
            "takerOnly": market.fee.taker_only,
            "rebateRate": number(market.fee.rebate),
        }
    if market.delay_s:
        found["secondsDelay"] = market.delay_s
    if market.game_start_ms is not None:
        found["gameStartTime"] = iso(market.game_start_ms)
        found["eventStartTime"] = iso(market.game_start_ms)
    return found


def _prices(ask: Ask, market: Market) -> Object:
    """Of a cache (`knobs.gamma_stale_ms`); of a resolved market its payouts."""
    view = ask.shelf.window.book(market.tokens[0])
    first = middle(view) if view else ONE // 2
    pays = market.payouts or (first, ONE - first)
    found: Object = {
        "outcomePrices": json_text([plain(each) for each in pays]),
        "volume": plain(market.volume),
        "volumeNum": number(market.volume),
        "volume24hr": number(market.volume),
        "volumeClob": number(market.volume),
        "liquidity": "0",
        "liquidityNum": 0,
        "liquidityClob": 0,
        "competitive": 0,
    }
    return found | (_tops(view) if view else {})


def _tops(view: BookView) -> Object:
    bid, ask = best(view)
    found: Object = {
        "bestBid": number(bid or 0),
        "bestAsk": number(ONE if ask is None else ask),
        "spread": number((ONE if ask is None else ask) - (bid or 0)),
    }
    if view.last_trade is not None:
        found["lastTradePrice"] = number(view.last_trade)
    return found
