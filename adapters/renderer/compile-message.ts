import type { CompiledMessage } from '../../domain/creatives/creative';
import type { EffectiveContent } from '../../domain/creatives/effective-content';
import type { Brand } from '../../domain/creatives/ports';
import type { Channel, Nature } from '../../domain/shared/words';
import { compileEmail } from './compile-email';
import { compileInApp, compileLetter, compilePush, compileSms } from './compile-words';
import type { Vocabulary } from './pieces';

export interface EmailPictures {
  readonly logoUrl: string;
  readonly logoWidthPx: number;
  readonly heroUrl: string;
}

export interface MessageInput {
  readonly content: EffectiveContent;
  readonly brand: Brand;
  readonly locale: string;
  readonly nature: Nature;
  /** The recipient may refuse such messages: an e-mail has its link, an SMS its STOP. */
  readonly unsubscribe: boolean;
  /** Fallbacks of the variables the scenario declares, by name. */
  readonly variables: ReadonlyMap<string, string>;
}

/** One message of any channel. Pictures are an e-mail's; the others have none. */
export async function compileMessage(
  channel: Channel,
  input: MessageInput,
  pictures: EmailPictures | null,
): Promise<CompiledMessage> {
  const { content, brand, variables } = input;
  const words: Vocabulary = {
    fixed: {
      'offer.code': content.offerCode ?? '',
      'persona.keyMessage': content.keyMessage,
      'brand.name': brand.name,
    },
    message: variables,
    link: null,
  };
  switch (channel) {
    case 'email':
      if (pictures === null) throw new Error('an e-mail has pictures');
      return compileEmail(input, words, pictures);
    case 'sms':
      return compileSms(input, words);
    case 'push':
      return compilePush(input, words);
    case 'in-app':
      return compileInApp(input, words);
    case 'letter':
    case 'e-letter':
      return compileLetter(input, words);
  }
}
