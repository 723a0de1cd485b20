//! What can be done with the stage by hand: each a command of `cargo xtask` as well, which sets up and builds first.

pub(crate) mod capture;
pub(crate) mod lab;
pub(crate) mod measure;
pub(crate) mod shots;
pub(crate) mod show;
pub(crate) mod soak;
pub(crate) mod store_shots;
pub(crate) mod wire;
