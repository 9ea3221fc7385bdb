// The download worker: the one place of the page that reaches another server, and only for an address that the person gave.
import { expose } from 'comlink';
import { downloadApi } from '../src/runs/downloadApi';
import { opfsDownloads } from '../src/runs/opfsDownloads';
import { installWorkerErrors } from '../src/workerErrors';

installWorkerErrors();
expose(downloadApi(opfsDownloads));
