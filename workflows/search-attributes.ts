import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { SearchAttribute } from '../domain/campaigns/search-attributes';

const keyword = (name: SearchAttribute) => defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

export const STAGE = keyword('Stage');
export const BLOCKED_ON = keyword('BlockedOn');
