import type { ExplanationContent } from '../../ml/explain/explanation.js';
import type { FeatureGroup } from '../../ml/features/feature-group.js';

/** What the narrative quotes of customers: searches; tickets and reviews. */
const quoting: ReadonlySet<FeatureGroup> = new Set(['engagement', 'support']);

/** The explanation for callers who may not read `BehaviorEvent.text`, which may name persons. Amounts stay in `contributions`. */
export function withoutOwnWords(content: ExplanationContent): ExplanationContent {
  const isShown = ({ group }: { readonly group: FeatureGroup }) => !quoting.has(group);
  return { ...content, narrative: content.narrative.filter(isShown), tokens: content.tokens.filter(isShown) };
}
