import { resolve } from 'node:path';
import { Body, Controller, Get, HttpCode, HttpException, Inject, Param, Post, UseGuards } from '@nestjs/common';
import { z } from 'zod';
import { HoldfastError } from '@holdfast/contracts';
import type { SuiteJob } from '../reporting/report.js';
import { SuiteRunner } from '../runner/suite-runner.js';
import { loadSuite } from '../suites/load-suite.js';
import { suiteInvalid } from '../suites/parse-suite.js';
import { suite, type Suite } from '../suites/suite.js';
import { ApiKeyGuard } from './api-key.guard.js';

/** The folder below which suites may be named by path; undefined when none may. */
export const SUITES_FOLDER = Symbol('SuitesFolder');

const how = {
  wait: z.boolean().default(true),
  /** Executions that the caller has the results of. */
  skip: z.array(z.strictObject({ name: z.string().max(1_000), repeat: z.int().min(1) })).max(500_000).default([]),
};
const suiteRequest = z.union([z.strictObject({ path: z.string().min(1).max(1_000), ...how }), z.strictObject({ suite: z.unknown(), ...how })]);
const STATUS_BY_CODE: Readonly<Record<string, number>> = { 'request.invalid': 400, 'suite.invalid': 400, 'suite.outside': 400, 'suite.unreadable': 404, 'suite.unknown': 404, 'suite.running': 409 };

@Controller('v1/suites')
@UseGuards(ApiKeyGuard)
export class SuitesController {
  constructor(@Inject(SuiteRunner) private readonly runner: SuiteRunner, @Inject(SUITES_FOLDER) private readonly folder: string | undefined) {}

  /** Runs a suite and answers when it has ended; with `"wait": false` at once, and `GET /v1/suites/<id>` tells the rest. */
  @Post()
  @HttpCode(200)
  async run(@Body() body: unknown): Promise<SuiteJob> {
    try {
      const parsed = suiteRequest.safeParse(body);
      if (!parsed.success) throw new HoldfastError({ code: 'request.invalid', message: 'The body is neither { path, wait?, skip? } nor { suite, wait?, skip? }.', retryable: false, remedy: 'Send one of these as JSON.' });
      const job = this.runner.begin('path' in parsed.data ? await this.read(parsed.data.path) : checked(parsed.data.suite), parsed.data.skip);
      return parsed.data.wait ? ((await this.runner.wait(job.id)) ?? job) : job;
    } catch (error) {
      throw asHttp(error);
    }
  }

  @Get()
  list(): { readonly suites: readonly SuiteJob[] } {
    return { suites: this.runner.list() };
  }

  @Get(':id')
  progress(@Param('id') id: string): SuiteJob {
    const job = this.runner.find(id);
    if (job === undefined) throw asHttp(new HoldfastError({ code: 'suite.unknown', message: 'No suite has this id.', retryable: false, remedy: 'GET /v1/suites lists the last ones.' }));
    return job;
  }

  private read(path: string): Promise<Suite> {
    if (this.folder === undefined) throw new HoldfastError({ code: 'suite.outside', message: 'This service reads no suites from files.', retryable: false, remedy: 'Set HOLDFAST_SUITES_FOLDER, or send the suite itself.' });
    return loadSuite(resolve(this.folder, path), this.folder);
  }
}

function checked(value: unknown): Suite {
  const parsed = suite.safeParse(value);
  if (!parsed.success) throw suiteInvalid(parsed.error);
  return parsed.data;
}

function asHttp(error: unknown): unknown {
  return error instanceof HoldfastError ? new HttpException(error.toJSON(), STATUS_BY_CODE[error.code] ?? (error.retryable ? 503 : 500)) : error;
}
