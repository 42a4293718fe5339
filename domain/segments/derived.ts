/**
 * Attributes Boucle keeps up itself, in `profiles.derived`. A rule that names one reads it there, and no import or call
 * may set an attribute of these names.
 */
export const DERIVED_ATTRIBUTES = {
  orders: 'Purchases ever',
  spent_cents: 'What they came to, in minor units',
  mean_order_cents: 'Mean purchase, in minor units',
  first_purchase_on: 'Day of the first purchase',
  last_purchase_on: 'Day of the last purchase',
  rfm_recency: 'Recency band in the market, 5 (the latest fifth) to 1',
  rfm_frequency: 'Frequency band in the market, 5 (the most) to 1',
  rfm_monetary: 'Monetary band in the market, 5 (the most) to 1',
  rfm: 'The three bands as three digits: 555 is best',
  value_tier: 'Tier of the policy `value` by what was spent',
  state: 'State of the policy `lifecycle`: onboarding, active, usage-decline, churn-risk, cancelling…',
  behavior_cluster: 'The category of the strongest interest, or none',
} as const;
export type DerivedAttribute = keyof typeof DERIVED_ATTRIBUTES;

export const isDerived = (name: string): name is DerivedAttribute => Object.hasOwn(DERIVED_ATTRIBUTES, name);
