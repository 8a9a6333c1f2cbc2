"""The peer service: FastAPI, Strawberry GraphQL and SQLAlchemy over the product's own tables.

The same page of customers with the same stored predictions, read in as few statements as the product reads them in, with
a DataLoader. Settings: PEER_DATABASE_URL (SQLAlchemy's form), PEER_AS_OF.
"""

from __future__ import annotations

import hashlib
import os
import time
from datetime import UTC, datetime
from math import exp
from statistics import NormalDist

import strawberry
from fastapi import FastAPI, HTTPException, Request
from sqlalchemy import (
    BigInteger, Column, DateTime, Enum, Float, Integer, MetaData, Row, Table, Text, and_, select,
)
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.fastapi import BaseContext, GraphQLRouter

engine = create_async_engine(os.environ["PEER_DATABASE_URL"], pool_size=10, max_overflow=0)
as_of = datetime.fromisoformat(os.environ["PEER_AS_OF"])
metadata = MetaData()
api_key = Table("api_key", metadata, Column("hash", Text), Column("revoked_at", DateTime(True)), Column("role", Text))
model_version = Table(
    "model_version", metadata, Column("id", BigInteger),
    Column("state", Enum("TRAINING", "CANDIDATE", "ACTIVE", "RETIRED", "FAILED", name="model_state")),
)
customer = Table(
    "customer", metadata, Column("id", BigInteger), Column("external_id", Text),
    Column("facts_changed_at", DateTime(True)),
)
prediction = Table(
    "prediction", metadata, Column("model_id", BigInteger), Column("horizon_days", Integer),
    Column("as_of", DateTime(True)), Column("customer_id", BigInteger), Column("expected_value", Float),
    Column("purchase_probability", Float), Column("mu", Float), Column("sigma", Float), Column("percentile", Float),
    Column("facts_changed_at", DateTime(True)),
)
normal = NormalDist()
tiers = ((95, "PLATINUM"), (80, "GOLD"), (50, "SILVER"), (0, "BRONZE"))


def quantile(p: float, mu: float, sigma: float, level: float) -> float:
    none = 1 - p
    return 0.0 if level <= none else exp(mu + sigma * normal.inv_cdf((level - none) / p))


@strawberry.type
class Interval:
    lower: float
    upper: float


@strawberry.type
class Clv:
    predicted: float
    percentile: float | None
    tier: str | None
    row: strawberry.Private[Row | None]

    @strawberry.field
    def interval(self, level: float = 0.8) -> Interval:
        if self.row is None:
            return Interval(lower=0.0, upper=0.0)
        p, mu, sigma = self.row.purchase_probability, self.row.mu, self.row.sigma
        tail = (1 - level) / 2
        if 1 - p >= tail:
            return Interval(lower=0.0, upper=round(quantile(p, mu, sigma, level), 2))
        return Interval(lower=round(quantile(p, mu, sigma, tail), 2), upper=round(quantile(p, mu, sigma, 1 - tail), 2))


@strawberry.type
class Customer:
    id: strawberry.ID
    external_id: str

    @strawberry.field
    async def clv(self, info: strawberry.Info[Context, None], horizon_days: int = 365) -> Clv:
        return await info.context.clv.load((int(self.id), horizon_days))


@strawberry.type
class CustomerEdge:
    cursor: str
    node: Customer


@strawberry.type
class CustomerConnection:
    edges: list[CustomerEdge]


class Context(BaseContext):
    def __init__(self) -> None:
        super().__init__()
        self.clv = DataLoader(load_fn=load_clv)


#: Of customers without a prediction: they have bought nothing.
nothing = Clv(predicted=0.0, percentile=0.0, tier="BRONZE", row=None)


async def active_model(connection: AsyncConnection) -> int:
    return await connection.scalar(select(model_version.c.id).where(model_version.c.state == "ACTIVE"))


async def load_clv(keys: list[tuple[int, int]]) -> list[Clv]:
    async with engine.connect() as connection:
        model = await active_model(connection)
        found: dict[tuple[int, int], Clv] = {}
        for horizon in {horizon for _, horizon in keys}:
            p = prediction.c
            statement = (
                select(p.customer_id, p.expected_value, p.purchase_probability, p.mu, p.sigma, p.percentile)
                .join(customer, and_(customer.c.id == p.customer_id, customer.c.facts_changed_at == p.facts_changed_at))
                .where(
                    p.model_id == model, p.horizon_days == horizon, p.as_of == as_of,
                    p.customer_id.in_([id for id, own in keys if own == horizon]),
                )
            )
            for row in await connection.execute(statement):
                tier = None if row.percentile is None else next(name for at, name in tiers if row.percentile >= at)
                found[(row.customer_id, horizon)] = Clv(
                    predicted=round(row.expected_value, 2), percentile=row.percentile, tier=tier, row=row
                )
    return [found.get(key, nothing) for key in keys]


@strawberry.type
class Query:
    @strawberry.field
    async def customers(self, first: int = 20, after: str | None = None) -> CustomerConnection:
        statement = select(customer.c.id, customer.c.external_id).order_by(customer.c.id).limit(first)
        if after is not None:
            statement = statement.where(customer.c.id > int(after))
        async with engine.connect() as connection:
            rows = (await connection.execute(statement)).all()
        return CustomerConnection(
            edges=[
                CustomerEdge(
                    cursor=str(row.id), node=Customer(id=strawberry.ID(str(row.id)), external_id=row.external_id)
                )
                for row in rows
            ]
        )


known_keys: dict[str, float] = {}


async def context(request: Request) -> Context:
    key = request.headers.get("authorization", "").removeprefix("Bearer ")
    hashed = hashlib.sha256(key.encode()).hexdigest()
    if known_keys.get(hashed, 0) < time.monotonic():
        statement = select(api_key.c.role).where(api_key.c.hash == hashed, api_key.c.revoked_at.is_(None))
        async with engine.connect() as connection:
            if await connection.scalar(statement) is None:
                raise HTTPException(401)
        known_keys[hashed] = time.monotonic() + 5
    return Context()


# Parsed and validated once, as the other servers do by themselves.
schema = strawberry.Schema(Query, extensions=[lambda: ParserCache(maxsize=100), lambda: ValidationCache(maxsize=100)])
app = FastAPI()
app.include_router(GraphQLRouter(schema, context_getter=context), prefix="/graphql")


@app.get("/healthz")
def health() -> dict[str, str]:
    return {"status": "ok", "at": datetime.now(UTC).isoformat()}
