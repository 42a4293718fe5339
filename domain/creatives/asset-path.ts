const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/svg+xml': 'svg',
};

/** Path under the public address that serves a blob: `/assets/<sha256>.<ext>`. */
export const assetPath = (sha256: string, contentType: string): string =>
  `/assets/${sha256}.${EXTENSIONS[contentType] ?? 'bin'}`;

/** Content type by extension, for what serves the path; null when it is none of ours. */
export const assetContentType = (extension: string): string | null =>
  Object.entries(EXTENSIONS).find(([, ext]) => ext === extension)?.[0] ?? null;
