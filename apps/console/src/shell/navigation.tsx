import { useLocation } from 'preact-iso';
import type { Area } from '../areas.js';
import { Icon } from '../elements/icon.js';

/** The areas: beside the page where there is room, and under the thumb on a phone. */
export function Navigation({ areas }: { readonly areas: readonly Area[] }) {
  const { path } = useLocation();
  return (
    <nav class="areas" aria-label="Areas">
      <ul>
        {areas.map(({ label, icon, pages: [first], badge: Badge }) => first === undefined ? null : (
          <li key={label}>
            <a href={first.path} aria-current={path === first.path || path.startsWith(`${first.path}/`) ? 'page' : undefined}>
              <Icon of={icon} />
              <span>{label}</span>
              {Badge === undefined ? null : <Badge />}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
