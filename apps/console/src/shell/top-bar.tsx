import { LogOut, Monitor, Moon, Sun } from 'lucide';
import { Icon } from '../elements/icon.js';
import { person, signOut } from '../session/session.js';
import { Connection } from './connection.js';
import { nextTheme, theme } from './theme.js';

const DRAWINGS = { system: Monitor, light: Sun, dark: Moon } as const;

export function TopBar() {
  const who = person.value;
  const label = `Theme: ${theme.value}`;
  return (
    <header class="top">
      <a class="brand" href="/console/">
        <span class="mark" aria-hidden="true" />
        Holdfast
      </a>
      <Connection />
      <div class="person">
        {who === undefined ? null : <span class="who" title={`Roles: ${who.roles.join(', ')}`}>{who.name}<small>{who.tenant}</small></span>}
        <button type="button" class="ghost icon small" onClick={nextTheme} aria-label={label} title={label}><Icon of={DRAWINGS[theme.value]} /></button>
        <button type="button" class="ghost icon small" onClick={signOut} aria-label="Sign out" title="Sign out"><Icon of={LogOut} /></button>
      </div>
    </header>
  );
}
