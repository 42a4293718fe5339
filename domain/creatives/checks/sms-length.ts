import type { Check, Finding } from '../check';

/** Providers join ten parts at most; beyond two, most readers are lost and each part is paid for. */
const MOST = 10;
const READ = 2;

export const smsLength: Check = ({ sms }) => {
  if (sms === null) return [];
  const findings: Omit<Finding, 'check'>[] = [];
  if (sms.segments > READ) {
    findings.push({
      severity: sms.segments > MOST ? 'blocking' : 'warning',
      message: `it may take ${sms.segments} segments, each paid for; ${sms.segments > MOST ? `no provider joins more than ${MOST}` : `${READ} are read`}`,
      path: 'text',
    });
  }
  if (sms.encoding === 'ucs2') {
    findings.push({
      severity: 'warning',
      message: `${sms.odd.join(' ')} ${sms.odd.length === 1 ? 'is' : 'are'} not in the GSM alphabet: 70 characters a segment instead of 160`,
      path: 'text',
    });
  }
  return findings;
};
