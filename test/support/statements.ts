import type { DataSource, Logger } from 'typeorm';

export interface StatementRecorder {
  /** What was executed since the last call, in order. */
  take(): string[];
}

/** Records every statement that goes through the data source. */
export function recordStatements(dataSource: DataSource): StatementRecorder {
  let statements: string[] = [];
  const nothing = () => undefined;
  const logger: Logger = {
    logQuery: (query) => void statements.push(query),
    logQueryError: nothing,
    logQuerySlow: nothing,
    logSchemaBuild: nothing,
    logMigration: nothing,
    log: nothing,
  };
  dataSource.logger = logger;
  return {
    take() {
      const taken = statements;
      statements = [];
      return taken;
    },
  };
}
