//! What the session allocates, as a ratchet: a change that allocates more has to raise the budget here, and one that allocates
//! less lowers it. The numbers are for 64-bit pointers and do not depend on the machine, the clock or other tests.
#![cfg(all(not(target_arch = "wasm32"), target_pointer_width = "64"))]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use support::{APP, World};
use wristband_spa_auth::session::{CallId, Effect, Input, Login};

/// How many times something was allocated or grown, and how many bytes were requested.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Cost {
    allocations: usize,
    bytes: usize,
}

const fn cost(allocations: usize, bytes: usize) -> Cost {
    Cost { allocations, bytes }
}

thread_local! {
    /// Each test runs in its own thread and counts the allocations of that thread.
    static COUNTED: Cell<Cost> = const { Cell::new(cost(0, 0)) };
    static COUNTS: Cell<bool> = const { Cell::new(false) };
}

struct Counting;

fn count(bytes: usize) {
    if COUNTS.get() {
        let Cost { allocations, bytes: before } = COUNTED.get();
        COUNTED.set(cost(allocations + 1, before + bytes));
    }
}

// SAFETY: every call is passed on unchanged to the system's allocator. The counters are thread-local statics without
// destructors, so counting allocates nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The result of `work`, and what it allocated.
fn counted<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    COUNTED.set(Cost::default());
    COUNTS.set(true);
    let result = work();
    COUNTS.set(false);
    (result, COUNTED.get())
}

/// What the session allocates for each input of a story, labelled with the name of the input.
fn costs(world: &mut World, story: impl FnOnce(&mut World)) -> Vec<(&'static str, Cost)> {
    thread_local! {
        static COSTS: Cell<Vec<(&'static str, Cost)>> = const { Cell::new(Vec::new()) };
    }
    world.handle = |session, now, input| {
        let name = support::view::name(&input);
        let (effects, cost) = counted(|| session.handle(now, input));
        let mut costs = COSTS.take();
        costs.push((name, cost));
        COSTS.set(costs);
        effects
    };
    story(world);
    COSTS.take()
}

/// Fails if the counts differ from the budget. The number of allocations is exact. The number of bytes also depends on how
/// the compiler lays out a type, so it may be up to a quarter below the budget.
#[track_caller]
fn keep(counted: &[(&'static str, Cost)], budget: &[(&'static str, Cost)]) {
    let names = |costs: &[(&'static str, Cost)]| costs.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    assert_eq!(names(counted), names(budget), "the budget is for other inputs; counted: {counted:#?}");
    for ((name, counted), (_, budget)) in counted.iter().zip(budget) {
        let is_more = counted.allocations > budget.allocations || counted.bytes > budget.bytes;
        assert!(!is_more, "{name}: {counted:?} counted, the budget is {budget:?}");
        let is_less = counted.allocations < budget.allocations || counted.bytes < budget.bytes / 4 * 3;
        assert!(!is_less, "{name}: {counted:?} counted, the budget is {budget:?}: lower the budget");
    }
}

#[test]
fn budget_a_token_is_handed_out_with_two_allocations() {
    let mut world = World::new().signed_in();
    let token = world.token();
    let length = world.token_of(token).0.len();
    let counted = costs(&mut world, |world| {
        world.token();
    });
    // The list of effects, with a capacity of four, and the copy of the token that is handed out.
    assert_eq!(counted, [("Token", cost(2, 4 * size_of::<Effect>() + length))]);
}

#[test]
fn budget_the_thousandth_token_costs_what_the_first_does() {
    let mut world = World::new().signed_in();
    let counted = costs(&mut world, |world| {
        for _ in 0..1000 {
            world.token();
        }
    });
    assert_eq!(counted.len(), 1000);
    assert!(counted.iter().all(|cost| *cost == counted[0]));
}

#[test]
fn budget_a_wake_up_with_nothing_to_do_allocates_nothing() {
    let mut world = World::new().signed_in();
    let counted = costs(&mut world, |world| world.input(Input::Tick));
    keep(&counted, &[("Tick", cost(0, 0))]);
}

#[test]
fn budget_the_state_that_is_shown_after_every_input() {
    let world = World::new().signed_in();
    let (state, counted) = counted(|| world.session.state());
    assert!(state.signed_in().is_some());
    keep(&[("state", counted)], &[("state", cost(25, 1116))]);
}

#[test]
fn budget_a_callback() {
    let mut world = World::new();
    world.open(APP);
    world.login(Login::to("acme").return_to("/invoices"));
    let counted = costs(&mut world, |world| {
        world.come_back();
    });
    assert!(world.is_signed_in());
    let budget = [
        // Includes the digest of the settings in the key of the pending login.
        ("Opened", cost(35, 2314)),
        ("PendingClaimed", cost(8, 1604)),
        // The tokens.
        ("Fetched", cost(49, 4631)),
        // The keys.
        ("Fetched", cost(52, 3740)),
        ("SignatureChecked", cost(33, 2414)),
    ];
    keep(&counted, &budget);
}

#[test]
fn budget_a_renewal() {
    let mut world = World::new().signed_in();
    let counted = costs(&mut world, |world| {
        world.renew();
    });
    assert_eq!(world.signed_in_as().renewals, 1);
    keep(&counted, &[("Renew", cost(5, 1044)), ("Fetched", cost(65, 6143)), ("SignatureChecked", cost(22, 1469))]);
}

#[test]
fn allocations_are_counted() {
    assert_eq!(counted(|| Vec::<u8>::with_capacity(7)).1, cost(1, 7));
    assert_eq!(counted(|| [b"x".to_vec(), b"yz".to_vec()].concat()).1, cost(3, 6));
    let grown = counted(|| {
        let mut grown = Vec::<u8>::with_capacity(10);
        grown.reserve_exact(100);
        grown
    });
    assert_eq!(grown.1, cost(2, 110));
    assert_eq!(counted(|| CallId(1)).1, cost(0, 0));
}
