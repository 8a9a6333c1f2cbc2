import { blocking, type Finding, ok, warn } from './finding.js';

/** The oldest version that the dependencies (pg-boss, commander) are written for: major and minor. */
const wanted = [22, 12] as const;
/** The oldest version that the sources are compiled for. */
const oldestMajor = 20;

/** @param version of Node, e.g. `22.23.3` */
export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const remedy = `Install Node ${wanted.join('.')} or newer, or start through npm run, which takes the one in node_modules.`;
  if (major < oldestMajor) return blocking('Node', version, remedy);
  const isOld = major < wanted[0] || (major === wanted[0] && minor < wanted[1]);
  return isOld ? warn('Node', version, remedy) : ok('Node', version);
}
