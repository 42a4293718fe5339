import * as fc from 'fast-check';
import { createCircuitBreaker } from '../../../activities/delivery/circuit-breaker';
import { createDomainPlaces } from '../../../activities/delivery/domain-places';
import { createLaneChannels } from '../../../activities/delivery/lane-channels';
import { BREAKER_FAULTS } from '../../../domain/delivery/breaker';
import { keptForService } from '../../../domain/delivery/rate-limit';
import { RELAY_UNREACHABLE } from '../../../domain/delivery/retry-policy';
import { fakeSender, fakeSenders } from '../../support/delivery-bench';

describe('what campaigns leave in a bucket', () => {
  it.each([
    [{ burst: 100 }, 10],
    [{ burst: 5 }, 1],
    [{ burst: 1 }, 0],
    [{ burst: 40, servicePercent: 0 }, 0],
    [{ burst: 40, servicePercent: 25 }, 10],
    [{ burst: 2, servicePercent: 90 }, 1],
  ])('%j: %d', (limit, kept) => {
    expect(keptForService(limit)).toBe(kept);
  });

  it('is never all of it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 0, max: 90 }),
        (burst, servicePercent) => {
          const kept = keptForService({ burst, servicePercent });
          expect(kept).toBeGreaterThanOrEqual(0);
          expect(burst - kept).toBeGreaterThanOrEqual(1);
        },
      ),
    );
  });
});

describe('places of a domain', () => {
  it('one never heard of gets half, one that answers all, one that hangs an eighth', () => {
    let now = 0;
    const placesOf = createDomainPlaces(16, () => now);
    const flights = Array.from({ length: 16 }, placesOf);
    const entered = (domain: string) =>
      flights.map((flight) => flight.enter(domain) === 0).filter(Boolean).length;
    const leave = () => flights.forEach((flight) => flight.leave());
    expect(entered('a.test')).toBe(8);
    expect(entered('b.test')).toBe(8);
    now += 50;
    leave();
    expect(entered('a.test')).toBe(16);
    leave();

    expect(placesOf().enter('slow.test')).toBe(0);
    expect(placesOf().enter('slow.test')).toBe(0);
    now += 2_000;
    expect(placesOf().enter('slow.test')).toBe(10_000);
    expect(placesOf().enter('a.test')).toBe(0);
  });

  it('one whose answer took long is as one never heard of', () => {
    let now = 0;
    const placesOf = createDomainPlaces(4, () => now);
    const first = placesOf();
    first.enter('a.test');
    first.leave();
    const second = placesOf();
    second.enter('a.test');
    now += 5_000;
    second.leave();
    expect([placesOf(), placesOf(), placesOf()].map((flight) => flight.enter('a.test'))).toEqual([0, 0, 100]);
  });
});

describe('channels of the lane', () => {
  const out = [{ kind: 'retry', code: RELAY_UNREACHABLE }] as const;
  const lane = () => {
    const clock = { now: 0 };
    const senders = fakeSenders({ email: fakeSender(undefined, 3) });
    const breaker = createCircuitBreaker(BREAKER_FAULTS);
    return { clock, channels: createLaneChannels(senders, breaker, () => clock.now) };
  };

  it('have as many places as their sender has connections', () => {
    const { channels } = lane();
    expect([1, 2, 3, 4].map(() => channels.enter('email'))).toEqual([true, true, true, false]);
    expect(channels.room(['email'])).toBe(0);
    expect(channels.room(['email', 'sms'])).toBe(8);
    channels.leave('email');
    expect(channels.room(['email'])).toBe(1);
  });

  it('one that is out rests, longer each time; the same outage seen by all its messages counts once', () => {
    const { clock, channels } = lane();
    const rests: number[] = [];
    let rounds = 0;
    for (let open = false; !open; rounds += 1) {
      open = channels.breaker.opens('email', out);
      expect(channels.breaker.opens('email', out)).toBe(false);
      expect(channels.room(['email'])).toBe(0);
      expect(channels.room(['sms'])).toBe(8);
      rests.push(channels.again('email') - clock.now);
      clock.now = channels.again('email');
    }
    expect(rounds).toBe(BREAKER_FAULTS.email);
    expect(rests).toEqual([250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000]);
    expect(channels.room(['email'])).toBe(3);
    channels.breaker.opens('email', [{ kind: 'accepted', providerId: 'x' }]);
    channels.breaker.opens('email', out);
    expect(channels.again('email') - clock.now).toBe(250);
  });

  it('a message nobody knows of is told to the breaker and makes nobody wait', () => {
    const { channels } = lane();
    const silent = [{ kind: 'uncertain', code: 'no-answer' }] as const;
    for (let n = 1; n < BREAKER_FAULTS.email; n += 1) {
      expect(channels.breaker.opens('email', silent)).toBe(false);
      expect(channels.room(['email'])).toBe(3);
    }
    expect(channels.breaker.opens('email', silent)).toBe(true);
    expect(channels.room(['email'])).toBe(0);
  });
});
