import { expect, it } from 'vitest';
import { activeModelWarning } from '../../src/cli/active-model-warning.js';
import { ModelVersion, Snapshot } from '../../src/entities/index.js';
import { featureDefinitions } from '../../src/ml/features/feature-definitions.js';
import { useTestDatabase } from '../support/database.js';
import { usableServing } from '../support/usable-serving.js';

const database = useTestDatabase();

it('the start warns of an active model that an earlier version made, or whose snapshot it made or is gone', async () => {
  const { manager } = database.dataSource;
  const made = { asOf: new Date(), horizonDays: 365, completedAt: new Date() };
  const snapshot = await manager.save(manager.create(Snapshot, { ...made, scaler: { scaler: {} } }));
  const model = manager.create(ModelVersion, {
    id: '1',
    state: 'ACTIVE',
    snapshotId: snapshot.id,
    serving: usableServing,
  });
  expect(await activeModelWarning(manager, model)).toMatch(/Snapshot 1, .* model 1 .* Run startRetrain\..* no drift/);
  const scaler = { spend: [] };
  await manager.save(Object.assign(snapshot, { scaler, featureSchema: featureDefinitions }));
  expect(await activeModelWarning(manager, model)).toBeNull();
  expect(await activeModelWarning(manager, { ...model, snapshotId: null })).toMatch(
    /model 1 .* deleted\. Run .* no drift/,
  );
  const older = { ...model, serving: { ...usableServing, format: 1 } };
  expect(await activeModelWarning(manager, older)).toMatch(/Model 1 was made by an earlier version.*prior answers/);
});
