/** Identifies an event: external id and instant. */
export const eventKeyOf = ({ externalId, occurredAt }: { externalId: string; occurredAt: Date }): string =>
  JSON.stringify([externalId, occurredAt.getTime()]);

/** An event as the tables have it. */
export interface EventRow {
  readonly external_id: string;
  readonly occurred_at: Date;
}

export const keyOfRow = ({ external_id, occurred_at }: EventRow): string =>
  eventKeyOf({ externalId: external_id, occurredAt: occurred_at });
