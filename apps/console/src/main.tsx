import './styles/index.css';
import { render } from 'preact';
import { App } from './shell/app.js';
import { followTheme } from './shell/theme.js';

followTheme();
const root = document.getElementById('app');
if (root === null) throw new TypeError('the page has no place for the console');
render(<App />, root);
