import type { Check } from '../check';
import { hasVariables } from '../language';

/** Who did not agree to being profiled reads nothing that was written for them alone. */
export const transparentWords: Check = ({ transparent }) =>
  transparent === null
    ? []
    : (['title', 'body'] as const)
        .filter((field) => hasVariables(transparent[field]))
        .map((field) => ({
          severity: 'blocking',
          message: `the transparent ${field} has a variable in it`,
          path: `content/inApp/transparent/${field}`,
        }));
