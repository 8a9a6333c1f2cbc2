import { expect, it, vi } from 'vitest';
import { WhatIfsService } from '../../../src/services/explanations/what-ifs.service.js';
import { CustomerClv } from '../../../src/services/predictions/customer-clv.js';
import { useServedCustomers } from './served-customers.js';

const shop = useServedCustomers();

it('asks the model for no what-ifs that nobody waits for, unless others do who asked at the same time', async () => {
  const { dataSource, inference } = shop;
  const clvs = (await shop.served(2)).map((served) => new CustomerClv(served, 'USD'));
  const score = vi.spyOn(inference, 'score');
  const service = new WhatIfsService(dataSource, inference);
  expect(await service.whatIfs(clvs, () => true)).toEqual([[], []]);
  expect(score).not.toHaveBeenCalled();
  const [, ofOther] = await Promise.all([service.whatIfs(clvs, () => true), service.whatIfs(clvs)]);
  expect(ofOther.map(({ length }) => length > 0)).toEqual([true, true]);
  expect(score).toHaveBeenCalledTimes(1);
});
