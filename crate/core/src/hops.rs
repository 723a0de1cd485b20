//! The chain between the visitor and the application, and where it broke.

use serde::Serialize;

use crate::case::{Case, Control};
use crate::net::{self, Reach};
use crate::terms::{CheckId, HopKind, HopState, Place, Role, Side};

/// One station.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hop {
    /// Which station.
    pub kind: HopKind,
    /// Rule id of what stands there, where it is known.
    pub id: Option<String>,
    /// Its name, where it is known.
    pub name: Option<String>,
    /// What is known of it.
    pub state: HopState,
}

/// The chain of a case, from the visitor to the application. The edge is left out where nothing shows that there is one.
#[must_use]
pub fn chain(case: &Case) -> Vec<Hop> {
    let failed = failed_hop(case.verdict.side, case.verdict.place, case);
    let edge = name_of(case, is_edge);
    let gateway = name_of(case, |role| stands_at(case, role) == HopKind::Gateway);
    let has_edge = edge.is_some() || failed == Some(HopKind::Edge);
    let mut kinds = vec![HopKind::You, HopKind::Network];
    kinds.extend(has_edge.then_some(HopKind::Edge));
    kinds.extend([HopKind::Gateway, HopKind::App]);
    kinds
        .into_iter()
        .map(|kind| {
            let named = match kind {
                HopKind::Edge => edge.clone(),
                HopKind::Gateway => gateway.clone(),
                HopKind::Network => name_of(case, |role| role.is_on_visitors_side() && stands_at(case, role) != HopKind::Gateway),
                HopKind::App => name_of(case, is_app),
                HopKind::You => None,
            };
            let (id, name) = named.map_or((None, None), |(id, name)| (id, Some(name)));
            Hop { kind, id, name, state: state(case, kind, failed) }
        })
        .collect()
}

/// The station that failed; none where the verdict does not say.
#[must_use]
pub fn failed_hop(side: Side, place: Place, case: &Case) -> Option<HopKind> {
    match (side, place) {
        (Side::Site, Place::App | Place::Page) => Some(HopKind::App),
        (Side::Site, Place::Edge) => Some(HopKind::Edge),
        (Side::Site, Place::Gateway) => Some(HopKind::Gateway),
        (Side::Site, Place::Blocked) => {
            let by_edge = case.reading.producer.as_ref().is_some_and(|p| is_edge(p.role));
            Some(if by_edge { HopKind::Edge } else { HopKind::Gateway })
        }
        (Side::Yours, Place::Proxy | Place::Dns | Place::Network | Place::Portal) => Some(HopKind::Network),
        (Side::Yours, _) => Some(HopKind::You),
        _ => None,
    }
}

fn state(case: &Case, kind: HopKind, failed: Option<HopKind>) -> HopState {
    let Some(failed) = failed else {
        return if case.verdict.side == Side::Passed { HopState::Ok } else { HopState::Unknown };
    };
    if kind == failed {
        // Nobody is blamed while the checks run.
        return if case.done { HopState::Failed } else { HopState::Unknown };
    }
    // Whoever wrote the page told of the fault. What came out of a cache, or from a wrong address, may be another server's.
    let wrote = case.reading.producer.as_ref().is_some_and(|p| stands_at(case, p.role) == kind);
    let place = case.verdict.place;
    let is_its_own = matches!(place, Place::Extension | Place::Cookies) || case.own() == Some(place);
    match kind {
        _ if wrote && (kind < failed || is_its_own) => HopState::Reported,
        _ if kind > failed && !(is_its_own && kind == HopKind::Network) => HopState::Unknown,
        // A hop before the failing one carried the answer.
        HopKind::You | HopKind::Network => {
            let online = case.answer(CheckId::Control).and_then(|a| a.control) == Some(Control::Online);
            let public = case.visit.address.as_deref().and_then(net::reach) == Some(Reach::Public);
            if online || public { HopState::Ok } else { HopState::Unknown }
        }
        _ => HopState::Ok,
    }
}

/// The station at which a product of this role stands.
#[must_use]
pub fn hop_of(role: Role) -> HopKind {
    match role {
        Role::Cdn | Role::Waf => HopKind::Edge,
        Role::OriginServer | Role::ReverseProxy | Role::LoadBalancer | Role::PaasRouter | Role::ServiceMesh => HopKind::Gateway,
        Role::AppFramework | Role::Cms => HopKind::App,
        Role::LocalProxy | Role::SecurityGateway | Role::CaptivePortal => HopKind::Network,
        Role::DevServer | Role::BrowserGenerated => HopKind::You,
    }
}

/// The same in this case: what was made for a developer's desk stands before the application where the site is at fault.
fn stands_at(case: &Case, role: Role) -> HopKind {
    match (role, case.verdict.side) {
        (Role::DevServer, Side::Site) => HopKind::Gateway,
        _ => hop_of(role),
    }
}

fn is_edge(role: Role) -> bool {
    hop_of(role) == HopKind::Edge
}

fn is_app(role: Role) -> bool {
    hop_of(role) == HopKind::App
}

/// The product at a station: the producer if it stands there, else the relay nearest to the visitor that does.
fn name_of(case: &Case, stands: impl Fn(Role) -> bool) -> Option<(Option<String>, String)> {
    let reading = &case.reading;
    let producer = reading.producer.as_ref().filter(|p| stands(p.role)).map(|p| (Some(p.id.clone()), p.name.clone()));
    producer.or_else(|| reading.relays.iter().find(|r| r.role.is_some_and(&stands)).map(|r| (r.id.clone(), r.name.clone())))
}
