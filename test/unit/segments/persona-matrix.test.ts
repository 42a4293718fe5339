import { checkPersonaMatrix, readPersonaMatrix } from '../../../domain/segments/persona-matrix';

const HEADER = 'segment_id,value_tier,behavior_cluster,state,key_message,visual_guideline,offer_code';
const KNOWN = {
  segments: new Set(['loyal', 'new']),
  offers: new Map<string, 'open' | 'over'>([
    ['P10', 'open'],
    ['P5', 'open'],
    ['f', 'open'],
    ['OLD', 'over'],
  ]),
};
const parse = (csv: string) => checkPersonaMatrix(readPersonaMatrix(csv), KNOWN);
const faults = (csv: string): string[] => {
  const parsed = parse(csv);
  return parsed.ok ? [] : parsed.faults.map((f) => `${f.path}: ${f.message}`);
};

test('a good file, with BOM, CRLF, quoted comma, columns in another order', () => {
  const csv =
    '\ufeffoffer_code,value_tier,behavior_cluster,state,key_message,visual_guideline,segment_id\r\nP10,high,regular,active,"Merci, vraiment",chaud,loyal\r\n';
  expect(parse(csv)).toEqual({
    ok: true,
    rows: [
      {
        segment_id: 'loyal',
        value_tier: 'high',
        behavior_cluster: 'regular',
        state: 'active',
        key_message: 'Merci, vraiment',
        visual_guideline: 'chaud',
        offer_code: 'P10',
      },
    ],
  });
});

test('semicolons', () => {
  expect(faults(`${HEADER.replaceAll(',', ';')}\nnew;low;rare;new;Bonjour;frais;P5`)).toEqual([]);
});

test('each fault has its line and column', () => {
  expect(faults(`${HEADER}\nloyal,a,b,c,d,e,f\n"loyal",a,"b\nb",c,,e,f\nghost,a,b,c,d,e,f\nnew,a,b`)).toEqual(
    [
      'line 3, key_message: this cell is empty',
      'line 3, segment_id: the same segment as on line 2',
      'line 5, segment_id: no segment of this key is live',
      'line 6, *: 3 cells where the header has 7',
    ],
  );
});

test('columns are exactly those of the matrix', () => {
  expect(faults(`${HEADER.replace(',state', '')},mood\nx`)).toEqual([
    'line 1, state: this column is missing',
    'line 1, mood: this column is not part of the matrix',
  ]);
  expect(faults(HEADER)).toEqual(['line 1, *: there is no row']);
  expect(faults('')).toEqual(['line 1, *: there is no readable header']);
});

test('what is not UTF-8 is named by its cell, a file of another encoding by its header', () => {
  const latin1 = Buffer.from(`${HEADER}\nloyal,a,b,c,d,e,f\nnew,élevée,b,c,d,e,f`, 'latin1').toString('utf8');
  expect(faults(latin1)).toEqual(['line 3, value_tier: this cell is not UTF-8']);
  const utf16 = Buffer.from(`\ufeff${HEADER}\nloyal,a,b,c,d,e,f`, 'utf16le').toString('utf8');
  expect(faults(utf16)).toEqual(['line 1, #1: the file is not UTF-8']);
});

test('an offer must exist and not have ended, unless the cell says there is none', () => {
  expect(faults(`${HEADER}\nloyal,a,b,c,d,e,P99\nnew,a,b,c,d,e,aucune`)).toEqual([
    'line 2, offer_code: there is no offer of this code',
  ]);
  expect(faults(`${HEADER}\nloyal,a,b,c,d,e,OLD\nnew,a,b,c,d,e,P5`)).toEqual([
    'line 2, offer_code: the offer has ended',
  ]);
});
