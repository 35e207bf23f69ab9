import { Controller, Get, Inject, Injectable, ServiceUnavailableException } from '@nestjs/common';

type Check = () => boolean | Promise<boolean>;

/** What has to hold before a service may be given work. Components add their own checks. */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, Check>();

  add(name: string, check: Check): void {
    this.checks.set(name, check);
  }

  /** Every check by name. A check that throws is a check that fails. */
  async report(): Promise<Record<string, boolean>> {
    const entries = await Promise.all([...this.checks].map(async ([name, check]) => [name, await Promise.resolve().then(check).catch(() => false)] as const));
    return Object.fromEntries(entries);
  }
}

@Controller('health')
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  /** The process serves; only a restart could help otherwise. Dependencies are none of its business. */
  @Get('live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(): Promise<{ status: 'ok'; checks: Record<string, boolean> }> {
    const checks = await this.readiness.report();
    if (Object.values(checks).includes(false)) throw new ServiceUnavailableException({ status: 'unavailable', checks });
    return { status: 'ok', checks };
  }
}
