// Refusals that speak of the key and not of the bytes: everything else was found to be what was sealed.
export const keyCodes: readonly string[] = [
  'release.key_revoked',
  'release.key_untrusted',
  'release.no_trusted_key',
]
