/**
 * Block Kit's documented limits, as Slack's reference gives them for each block and element. Answers Slack-like
 * error words with the JSON pointer of the place; an empty list means Slack would take the blocks.
 */
type Json = Readonly<Record<string, unknown>>;

const wordOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

class Faults {
  readonly found: string[] = [];

  add(at: string, words: string): void {
    this.found.push(`[ERROR] ${words} [json-pointer:${at}]`);
  }

  text(at: string, value: unknown, max: number, types: readonly string[] = ['plain_text', 'mrkdwn']): void {
    if (!isObject(value)) return this.add(at, 'missing required field: text object');
    if (!types.includes(String(value['type']))) this.add(`${at}/type`, `must be one of ${types.join(', ')}`);
    this.string(`${at}/text`, value['text'], max);
  }

  string(at: string, value: unknown, max: number, needed = true): void {
    if (value === undefined && !needed) return;
    if (typeof value !== 'string' || value.length === 0)
      return this.add(at, 'must be more than 0 characters');
    if (value.length > max) this.add(at, `must be less than ${max + 1} characters`);
  }

  list(at: string, value: unknown, max: number): readonly unknown[] {
    if (!Array.isArray(value) || value.length === 0) {
      this.add(at, 'no fewer than 1 items allowed');
      return [];
    }
    if (value.length > max) this.add(at, `no more than ${max} items allowed`);
    return value;
  }

  link(at: string, value: unknown): void {
    this.string(at, value, 3_000);
    if (typeof value === 'string' && !/^https?:\/\//.test(value)) this.add(at, 'must be a valid URL');
  }
}

/** `usable(fileId)`: whether a picture with this id is uploaded and ready to be shown. */
export function checkBlocks(blocks: unknown, usable: (fileId: string) => boolean): string[] {
  const faults = new Faults();
  const blockIds = new Set<string>();
  const actionIds = new Set<string>();
  faults.list('/blocks', blocks, 50).forEach((block, i) => {
    const at = `/blocks/${i}`;
    if (!isObject(block)) return faults.add(at, 'must be an object');
    const id = block['block_id'];
    if (id !== undefined) {
      faults.string(`${at}/block_id`, id, 255);
      if (blockIds.has(wordOf(id))) faults.add(`${at}/block_id`, 'block_id already exists');
      blockIds.add(wordOf(id));
    }
    checkBlock(faults, at, block, usable, actionIds);
  });
  return faults.found;
}

function checkBlock(
  faults: Faults,
  at: string,
  block: Json,
  usable: (id: string) => boolean,
  actionIds: Set<string>,
): void {
  switch (block['type']) {
    case 'header':
      return faults.text(`${at}/text`, block['text'], 150, ['plain_text']);
    case 'divider':
      return;
    case 'section':
      if (block['text'] === undefined && block['fields'] === undefined)
        faults.add(at, 'text or fields is required');
      if (block['text'] !== undefined) faults.text(`${at}/text`, block['text'], 3_000);
      if (block['fields'] !== undefined) {
        faults
          .list(`${at}/fields`, block['fields'], 10)
          .forEach((f, i) => faults.text(`${at}/fields/${i}`, f, 2_000));
      }
      return;
    case 'context':
      faults.list(`${at}/elements`, block['elements'], 10).forEach((element, i) => {
        if (isObject(element) && element['type'] === 'image')
          return checkImage(faults, `${at}/elements/${i}`, element, usable);
        faults.text(`${at}/elements/${i}`, element, 3_000);
      });
      return;
    case 'image':
      if (block['title'] !== undefined) faults.text(`${at}/title`, block['title'], 2_000, ['plain_text']);
      return checkImage(faults, at, block, usable);
    case 'actions':
      faults
        .list(`${at}/elements`, block['elements'], 25)
        .forEach((element, i) => checkButton(faults, `${at}/elements/${i}`, element, actionIds));
      return;
    default:
      faults.add(`${at}/type`, `unsupported type: ${String(block['type'])}`);
  }
}

function checkImage(faults: Faults, at: string, image: Json, usable: (id: string) => boolean): void {
  faults.string(`${at}/alt_text`, image['alt_text'], 2_000);
  const file = image['slack_file'];
  if ((file === undefined) === (image['image_url'] === undefined)) {
    return faults.add(at, 'exactly one of image_url and slack_file is required');
  }
  if (file === undefined) return faults.link(`${at}/image_url`, image['image_url']);
  const id = isObject(file) ? file['id'] : undefined;
  if (typeof id !== 'string' || !/^F[A-Z0-9]{8,}$/.test(id)) {
    return faults.add(`${at}/slack_file/id`, 'input must match regex pattern: ^[F][A-Z0-9]{8,}$');
  }
  if (!usable(id)) faults.add(`${at}/slack_file`, 'invalid slack file');
}

function checkButton(faults: Faults, at: string, element: unknown, actionIds: Set<string>): void {
  if (!isObject(element) || element['type'] !== 'button') return faults.add(at, 'unsupported element');
  faults.text(`${at}/text`, element['text'], 75, ['plain_text']);
  faults.string(`${at}/action_id`, element['action_id'], 255);
  const id = String(element['action_id']);
  if (actionIds.has(id)) faults.add(`${at}/action_id`, 'action_id already exists');
  actionIds.add(id);
  faults.string(`${at}/value`, element['value'], 2_000, false);
  if (element['url'] !== undefined) faults.link(`${at}/url`, element['url']);
  if (element['style'] !== undefined && !['primary', 'danger'].includes(wordOf(element['style']))) {
    faults.add(`${at}/style`, 'must be one of primary, danger');
  }
  const confirm = element['confirm'];
  if (confirm === undefined) return;
  if (!isObject(confirm)) return faults.add(`${at}/confirm`, 'must be an object');
  faults.text(`${at}/confirm/title`, confirm['title'], 100, ['plain_text']);
  faults.text(`${at}/confirm/text`, confirm['text'], 300);
  faults.text(`${at}/confirm/confirm`, confirm['confirm'], 30, ['plain_text']);
  faults.text(`${at}/confirm/deny`, confirm['deny'], 30, ['plain_text']);
}
