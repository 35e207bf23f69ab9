import { LocationProvider, Route, Router, useLocation } from 'preact-iso';
import { useEffect } from 'preact/hooks';
import { AREAS } from '../areas.js';
import { Page } from '../elements/page.js';
import { token, isSignedIn } from '../session/session.js';
import { SignIn } from '../session/sign-in.js';
import { Navigation } from './navigation.js';
import { TopBar } from './top-bar.js';

/** The console: signing in, and then navigation around the page of the address. */
export function App() {
  if (!isSignedIn.value) return <SignIn key={token.value ?? ''} />;
  return (
    <LocationProvider scope="/console">
      <a class="skip" href="#main" onClick={skip}>Skip to the content</a>
      <div class="shell">
        <TopBar />
        <Navigation areas={AREAS} />
        <main id="main" tabIndex={-1}>
          <Router>
            {AREAS.flatMap(({ pages }) => pages.map(({ path, page }) => <Route key={path} path={path} component={page} />))}
            <Route path="/console/" component={Home} />
            <Route default component={Nowhere} />
          </Router>
        </main>
      </div>
    </LocationProvider>
  );
}

/** The address stays what it is: a fragment would be a page of its own to the router. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

function Home() {
  const { route } = useLocation();
  useEffect(() => route('/console/runs', true), [route]);
  return null;
}

function Nowhere() {
  return <Page title="There is nothing here"><p>The console has no page at this address. <a href="/console/runs">All runs</a></p></Page>;
}
