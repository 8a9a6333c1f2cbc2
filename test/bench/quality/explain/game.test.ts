import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Game, Games, joinSmallest, playerAmount } from '../../../../bench/quality/explain/game.js';
import { everyone } from '../../../../bench/quality/explain/metrics.js';
import { computeFeatures } from '../../../../src/ml/features/compute-features.js';
import { tokenGroupNames } from '../../../../src/ml/scoring/example.js';
import { silentProgress } from '../../../../src/progress.js';
import { attributionRequest } from '../../../../src/services/explanations/customer-explaining.js';
import { scoreCustomers } from '../../../../src/services/scoring/customer-scoring.js';
import { type LoadedModel, ModelLoader } from '../../../../src/services/models/loaded-model.js';
import { testConfig } from '../../../support/config.js';
import { useScoredShop, scoredAsOf, scoredHorizonDays } from '../../../support/scored-shop.js';

describe('the game of an explanation', () => {
  const database = useScoredShop();
  let models: ModelLoader;
  let model: LoadedModel;
  let games: Games;
  let played: Game[];
  beforeAll(async () => {
    const config = testConfig();
    models = new ModelLoader(database.dataSource, config);
    const [active] = await database.dataSource.query<[{ id: string }]>('select id from model_version');
    model = await models.byId(active.id);
    const rows = await computeFeatures(database.dataSource, { asOf: scoredAsOf });
    games = new Games(model, scoredHorizonDays);
    played = rows.slice(0, 6).map((row) => games.of(row));
    await games.evaluate(
      played,
      ({ players }) => [0, everyone(players.length), ...players.map((_, player) => 1 << player)],
      silentProgress,
    );
  });
  afterAll(() => models.close());

  it('is worth what is served with everybody, and the explanation’s baseline with nobody', async () => {
    const rows = played.map(({ row }) => row);
    const scored = await scoreCustomers(model, rows, { horizonDays: scoredHorizonDays });
    const requests = played.map(({ example, row }) => attributionRequest(model, example, scoredHorizonDays, row.asOf));
    const attributions = await model.attributor().attribute(requests);
    for (const [i, { players, values }] of played.entries()) {
      expect(values.get(everyone(players.length))! / scored[i]!.expectedValue).toBeCloseTo(1, 4);
      const baseline = attributions[i]!.baselineValue * model.bundle.scale.valueScale;
      // Explanations are made in float32, whatever serves.
      const allowed = model.predictor.precision === 'INT8' ? 0.02 : 1e-4;
      expect(Math.abs(values.get(0)! / baseline - 1)).toBeLessThan(allowed);
    }
  });

  it('is played by the groups in which the customer is not typical', () => {
    for (const { players, example, values } of played) {
      const groups = players.flat();
      expect(new Set(groups).size).toBe(groups.length);
      // The narrative as far as the model reads it.
      const read = [...example.tokenGroups].filter((group) => group > 0).map((group) => tokenGroupNames[group]);
      expect(groups).toEqual(expect.arrayContaining(read));
      // The same time ahead for everybody: nothing to explain.
      expect(groups).not.toContain('horizon');
      expect(new Set(values.values()).size).toBeGreaterThan(2);
    }
  });

  it('can be played by fewer, the least important ones together', () => {
    const [game] = played;
    const amounts = new Map(game!.players.flat().map((group, i) => [group, i === 2 ? -100 : i]));
    const joined = joinSmallest(game!, amounts, 3);
    expect(joined.players.length).toBe(3);
    expect(joined.players[0]).toEqual(game!.players[2]);
    expect(joined.players.flat().toSorted()).toEqual(game!.players.flat().toSorted());
    const sum = (players: Game['players']) => players.reduce((total, each) => total + playerAmount(each, amounts), 0);
    expect(sum(joined.players)).toBe(sum(game!.players));
    expect(joinSmallest(game!, amounts, 20)).toBe(game);
  });
});
