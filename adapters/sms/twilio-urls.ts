/** Twilio signs the whole address it calls, query included: who gives it out and who answers there take it from here. */
export const TWILIO_STATUS_PATH = '/webhooks/sms/twilio/status';
export const TWILIO_INBOUND_PATH = '/webhooks/sms/twilio/inbound';

export const twilioStatusUrl = (publicUrl: string, deliveryId: number): string =>
  `${publicUrl.replace(/\/+$/, '')}${TWILIO_STATUS_PATH}?delivery=${deliveryId}`;
