/** Scopes of suppressions that hold for a message of this brand: those of everything, and the brand's own. */
export const suppressionScopes = (brand: string): string[] => ['global', `brand:${brand}`];
