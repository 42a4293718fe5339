import { z } from 'zod';
import { attributesOf, type Rule } from './rule';

/** Which attributes a rule may read. What is on neither list is refused too: somebody has to have looked at it. */
export const targetingPolicySchema = z.strictObject({
  version: z.number().int().min(1),
  reviewedBy: z.string().min(1).max(120),
  reviewedOn: z.iso.date(),
  allowed: z.array(z.string()),
  /** Refused for good, with why: special categories of the GDPR (article 9) and what stands in for them. */
  sensitive: z.array(z.strictObject({ attribute: z.string(), why: z.string().min(1) })),
});

export type TargetingPolicy = z.infer<typeof targetingPolicySchema>;

/** Attributes of the rule the policy does not allow, sorted. Sensitive ones stay refused even if listed as allowed. */
export const refusedAttributes = (rule: Rule, policy: TargetingPolicy): string[] =>
  notAllowed(attributesOf(rule), policy);

export function notAllowed(attributes: readonly string[], policy: TargetingPolicy): string[] {
  const sensitive = new Set(policy.sensitive.map((s) => s.attribute));
  return attributes.filter((name) => sensitive.has(name) || !policy.allowed.includes(name));
}
