//! A site with a service worker. They need a secure place, and without certificates only names under `localhost` are one.

use crate::servers::{Answer, Request};

/// What the site's service worker does with a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worker {
    /// Answers with a 503 of its own, without asking the network.
    MakesUp,
    /// Passes it on to the network.
    PassesOn,
    /// Answers with a 504 of its own, without asking the network.
    GivesUp,
    /// Answers with what it was told when it was installed.
    Replays,
}

/// Registers the worker, and says in its title when the worker has taken over.
const FRONT: &str = "<!doctype html><html lang=en><title>starting</title><h1>A site with a service worker</h1>
<script>
navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(async () => {
  if (!navigator.serviceWorker.controller) await new Promise(done => navigator.serviceWorker.addEventListener('controllerchange', done));
  document.title = 'ready';
}).catch(error => { document.title = String(error) });
</script>";

const START: &str = "
addEventListener('install', () => skipWaiting());
addEventListener('activate', event => event.waitUntil(clients.claim()));";

const MAKES_UP: &str = "
addEventListener('fetch', event => {
  if (event.request.mode !== 'navigate' || new URL(event.request.url).pathname === '/') return;
  event.respondWith(new Response('<!doctype html><title>Offline</title><h1>We cannot be reached</h1>',
    { status: 503, headers: { 'Content-Type': 'text/html' } }));
});";

const PASSES_ON: &str = "
addEventListener('fetch', event => event.respondWith(fetch(event.request)));";

const GIVES_UP: &str = "
addEventListener('fetch', event => {
  if (event.request.mode !== 'navigate' || new URL(event.request.url).pathname === '/') return;
  event.respondWith(new Response('<!doctype html><title>Too slow</title><h1>The network is too slow</h1>',
    { status: 504, headers: { 'Content-Type': 'text/html' } }));
});";

const REPLAYS: &str = "
addEventListener('install', event => event.waitUntil((async () => {
  const [cache, answer] = [await caches.open('pages'), await fetch('/page')];
  await cache.put('/page', answer);
})()));
addEventListener('fetch', event => {
  if (event.request.mode !== 'navigate' || new URL(event.request.url).pathname === '/') return;
  event.respondWith(caches.match('/page'));
});";

/// The front page and the worker's program; nothing for any other page, which is the caller's affair.
#[must_use]
pub fn worker_site(worker: Worker, request: &Request) -> Option<Answer> {
    let program = match worker {
        Worker::MakesUp => MAKES_UP,
        Worker::PassesOn => PASSES_ON,
        Worker::GivesUp => GIVES_UP,
        Worker::Replays => REPLAYS,
    };
    match request.target.as_str() {
        "/" => Some(Answer::new(200, "OK").html(FRONT)),
        "/worker.js" => Some(Answer::new(200, "OK").body("text/javascript", format!("{START}{program}"))),
        _ => None,
    }
}
