import type { z } from 'zod';

/** Each problem with its field. @param whole what a problem without a field is of */
export function problemsOf(error: z.ZodError, whole = ''): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || whole}: ${message}`).join('; ');
}
