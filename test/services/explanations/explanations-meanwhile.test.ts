import { setTimeout as sleep } from 'node:timers/promises';
import type { QueryRunner } from 'typeorm';
import { expect, it, vi } from 'vitest';
import { cents } from '../../../src/math.js';
import { ExplanationsService } from '../../../src/services/explanations/explanations.service.js';
import { untilLocked } from '../../support/waiting.js';
import { useServedCustomers } from './served-customers.js';

const shop = useServedCustomers();

it('keeps none of a customer whose events are just being deleted, and waits for nobody', async () => {
  const { dataSource, inference } = shop;
  const served = await shop.served(2);
  const [first, second] = served.map(({ customerId }) => customerId);

  await using deletion = dataSource.createQueryRunner();
  await deletion.startTransaction();
  await deletion.query('update customer set facts_changed_at = clock_timestamp() where id = $1', [first]);
  await deletion.query('delete from explanation where customer_id = $1', [first]);
  expect(await new ExplanationsService(dataSource, inference).explainServed(served, true)).toHaveLength(2);
  await deletion.commitTransaction();
  const kept = await dataSource.query('select customer_id::text as "customerId" from explanation');
  expect(kept).toEqual([{ customerId: second }]);
});

it('keeps explanations though a deletion that it waits for waits for it', async () => {
  const { dataSource, inference } = shop;
  const served = await shop.served(3);
  const [first, held, last] = served.map(({ customerId }) => customerId);
  const explain = () => new ExplanationsService(dataSource, inference).explainServed(served, true);
  const made = await explain();
  await dataSource.query(`update explanation set feature_hash = 'of older facts'`);

  await using other = dataSource.createQueryRunner();
  await using deletion = dataSource.createQueryRunner();
  const forget = (runner: QueryRunner, id: string) =>
    runner.query('delete from explanation where customer_id = $1', [id]);
  await other.startTransaction();
  await forget(other, held!);
  await deletion.startTransaction();
  await forget(deletion, last!);
  const explained = explain();
  await untilLocked(dataSource);
  const forgotten = forget(deletion, first!).then(() => deletion.commitTransaction());
  await untilLocked(dataSource, 2);
  // Postgres looks for deadlocks a second after a wait has begun: the next who waits is the one who is refused.
  await sleep(1_200);
  await other.rollbackTransaction();
  const [again] = await Promise.all([explained, forgotten]);
  expect(again).toEqual(made);
  expect(await dataSource.query('select from explanation')).toHaveLength(3);
});

it('makes what several ask for at once for all of them, each customer once', async () => {
  const { dataSource, inference } = shop;
  const [one, two, three] = await shop.served(3);
  const explain = vi.spyOn(inference, 'explain');
  const explanations = new ExplanationsService(dataSource, inference);
  const [both, same, others] = await Promise.all(
    [
      [one!, two!],
      [one!, two!],
      [two!, three!],
    ].map((served) => explanations.explainServed(served, true)),
  );
  expect(explain.mock.calls.map(([, explained]) => explained.length).reduce((sum, size) => sum + size, 0)).toBe(3);
  expect(same).toEqual(both);
  expect(others![0]).toEqual(both![1]);
  expect(others![1]).not.toBeNull();
  // What is not stored when it has been made is made again.
  await dataSource.query('delete from explanation');
  expect(await explanations.explainServed([one!, two!], true)).toEqual(both);
  expect(explain).toHaveBeenCalledTimes(3);
});

it('makes no more of them once nobody waits, but all that others have asked for meanwhile', async () => {
  const { dataSource, inference } = shop;
  const served = await shop.served(60);
  const explain = vi.spyOn(inference, 'explain');
  const explanations = new ExplanationsService(dataSource, inference);
  const made = (contents: readonly unknown[]) => contents.filter((content) => content !== null).length;

  expect(made(await explanations.explainServed(served, false, () => false))).toBe(0);
  expect(explain).not.toHaveBeenCalled();
  expect(made(await explanations.explainServed(served, false, () => explain.mock.calls.length === 0))).toBe(50);
  expect(explain).toHaveBeenCalledTimes(1);

  await dataSource.query('delete from explanation');
  const [, ofOther] = await Promise.all([
    explanations.explainServed(served, false, () => false),
    explanations.explainServed(served, false),
  ]);
  expect(made(ofOther)).toBe(60);
  expect(explain.mock.calls.slice(1).map(([, customers]) => customers.length)).toEqual([50, 10]);
});

it('explains each of two predictions from the same facts, as of a prior that was fitted anew in between', async () => {
  const [before] = await shop.served(1);
  const prediction = { ...before!.prediction!, expectedValue: before!.prediction!.expectedValue + 5 };
  const both = [before!, { ...before!, prediction }];
  const predicted = both.map((each) => cents(each.prediction!.expectedValue));
  const explanations = new ExplanationsService(shop.dataSource, shop.inference);
  const apart = await Promise.all(both.map((each) => explanations.explainServed([each], true)));
  expect(apart.map(([content]) => content?.predicted)).toEqual(predicted);
  const together = await explanations.explainServed(both, true);
  expect(together.map((content) => content?.predicted)).toEqual(predicted);
});
