import { moneyFormat, type SummaryLocale } from '../../ml/explain/summary.js';
import type { WhatIf } from './what-ifs.service.js';
import { silenceDays, type WhatIfChange } from './what-ifs.js';

const labels: Record<SummaryLocale, Record<WhatIfChange, (value: string) => string>> = {
  en: {
    ONE_MORE_ORDER: (value) => `One more order this month, of the usual ${value}`,
    ONE_LARGE_ORDER: (value) => `One more order this month, of twice the usual value: ${value}`,
    LONGER_SILENCE: () => `No purchase for another ${silenceDays} days`,
    RETURN_OF_LAST_ORDER: (value) => `The last order, of ${value}, is returned`,
  },
  zh: {
    ONE_MORE_ORDER: (value) => `本月再下一单，金额如常：${value}`,
    ONE_LARGE_ORDER: (value) => `本月再下一单，金额为平常的两倍：${value}`,
    LONGER_SILENCE: () => `再过${silenceDays}天仍未购买`,
    RETURN_OF_LAST_ORDER: (value) => `退回最近一单：${value}`,
  },
};

/** The change in words, for people. */
export function whatIfLabel({ change, orderValue }: WhatIf, currency: string, locale: SummaryLocale): string {
  return labels[locale][change](orderValue === null ? '' : moneyFormat(currency, locale).format(orderValue));
}
