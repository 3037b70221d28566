//! Which handles there are: those that a caller frees, and those that are lent by others.

use super::world::World;
use generatio_c::call::{Call, generatio_call_free, generatio_call_request};
use generatio_c::catalog::{
    Catalog, Model, Parameter, generatio_catalog_free, generatio_catalog_model, generatio_model_parameter,
};
use generatio_c::error::{Failure, generatio_error_free};
use generatio_c::fal::{Fal, generatio_fal_free};
use generatio_c::generation::{Cost, Generation, generatio_cost_free, generatio_generation_free};
use generatio_c::output::{Output, generatio_output_free};
use generatio_c::progress::{Progress, generatio_progress_free};
use generatio_c::request::Request;
use generatio_c::submitted::{Submitted, generatio_submitted_free};
use generatio_c::text::{Secret, Text, generatio_secret_free, generatio_text_free};
use generatio_c::webhook::{
    Delivery, WebhookKeys, generatio_delivery_error, generatio_delivery_free, generatio_delivery_output,
    generatio_webhook_keys_free,
};
use std::ptr::null;

/// Something behind a pointer that C is given.
pub(crate) trait Handle: Sized {
    /// One that lives, or NULL.
    fn pick(world: &mut World<'_>) -> *const Self;
}

/// A handle that is the caller's to free, once.
pub(crate) trait Owned: Sized {
    /// Its place among the kinds.
    const KIND: usize;
    /// So many of them live at the same time, at most.
    const MOST: usize;
    /// Frees it.
    const FREE: unsafe extern "C" fn(*mut Self);
    /// One that another handle lends, of those that are lent too.
    fn lent(_: &mut World<'_>) -> *const Self {
        null()
    }
}

impl<T: Owned> Handle for T {
    fn pick(world: &mut World<'_>) -> *const T {
        match world.bytes.byte() % 16 {
            0 => null(),
            1 => T::lent(world),
            _ => world.any::<T>(),
        }
    }
}

macro_rules! owned {
    ($($kind:literal $type:ty, at most $most:expr, $free:ident $(, lent $lent:expr)?;)*) => {
        $(impl Owned for $type {
            const KIND: usize = $kind;
            const MOST: usize = $most;
            const FREE: unsafe extern "C" fn(*mut Self) = $free;
            $(fn lent(world: &mut World<'_>) -> *const Self {
                $lent(world)
            })?
        })*

        /// How many kinds there are.
        pub(crate) const KINDS: usize = [$($kind),*].len();

        /// Frees all handles, each kind with its own function.
        pub(crate) fn free_all(world: &mut World<'_>) {
            $(while world.free(<$type>::FREE) {})*
        }
    };
}

owned! {
    0 Text, at most 16, generatio_text_free;
    1 Secret, at most 16, generatio_secret_free;
    2 Catalog, at most 2, generatio_catalog_free;
    3 Generation, at most 16, generatio_generation_free;
    4 Cost, at most 16, generatio_cost_free;
    5 Fal, at most 16, generatio_fal_free;
    6 Call, at most 16, generatio_call_free;
    7 Submitted, at most 16, generatio_submitted_free;
    8 Progress, at most 16, generatio_progress_free;
    9 Output, at most 16, generatio_output_free, lent |world: &mut World<'_>| {
        // SAFETY: a delivery that lives, or NULL.
        unsafe { generatio_delivery_output(world.any::<Delivery>()) }
    };
    10 Failure, at most 16, generatio_error_free, lent |world: &mut World<'_>| {
        // SAFETY: as above.
        unsafe { generatio_delivery_error(world.any::<Delivery>()) }
    };
    11 WebhookKeys, at most 16, generatio_webhook_keys_free;
    12 Delivery, at most 16, generatio_delivery_free;
}

/// Where catalogs and errors are among the kinds.
pub(crate) const CATALOG: usize = Catalog::KIND;
pub(crate) const FAILURE: usize = Failure::KIND;

impl Handle for Model {
    fn pick(world: &mut World<'_>) -> *const Self {
        let (catalog, index) = (world.any::<Catalog>(), world.bytes.byte());
        // SAFETY: a catalog that lives, or NULL.
        unsafe { generatio_catalog_model(catalog, index.into()) }
    }
}

impl Handle for Parameter {
    fn pick(world: &mut World<'_>) -> *const Self {
        let (model, index) = (Model::pick(world), world.bytes.byte());
        // SAFETY: a model of a catalog that lives, or NULL.
        unsafe { generatio_model_parameter(model, index.into()) }
    }
}

impl Handle for Request {
    fn pick(world: &mut World<'_>) -> *const Self {
        // SAFETY: a call that lives, or NULL.
        unsafe { generatio_call_request(world.any::<Call>()) }
    }
}
