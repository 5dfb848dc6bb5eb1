//! What the session allocates: a ratchet. Whoever makes it more has to say so here, and whoever makes it less lowers the
//! budget. The numbers are those of pointers of 64 bits, and depend on no machine, no clock and no other test.
#![cfg(all(not(target_arch = "wasm32"), target_pointer_width = "64"))]
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use support::{APP, World};
use wristband_spa_auth::session::{Ask, Effect, Input, Login};

/// How often something was allocated or grown, and how many bytes were asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Cost {
    allocations: usize,
    bytes: usize,
}

const fn cost(allocations: usize, bytes: usize) -> Cost {
    Cost { allocations, bytes }
}

thread_local! {
    /// Each test has a thread of its own, and counts what happens there.
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

// SAFETY: everything is passed on to the system's allocator as it came. The counters are in static memory of the thread and
// have no destructors, so counting allocates nothing.
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

/// What this work allocates.
fn counted<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    COUNTED.set(Cost::default());
    COUNTS.set(true);
    let result = work();
    COUNTS.set(false);
    (result, COUNTED.get())
}

/// What the session allocates for each input of a story, by the name of the input.
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

/// Fails where more was counted than the budget has, or less. How often something is allocated is exact. How many bytes that
/// is depends on how the compiler lays out a type as well, so there a quarter may be left over.
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
    // The list of effects, which has room for four, and the copy of the token that is handed out.
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
    let counted = costs(&mut world, |world| world.input(Input::Woke));
    keep(&counted, &[("Woke", cost(0, 0))]);
}

#[test]
fn budget_the_state_that_is_shown_after_every_input() {
    let world = World::new().signed_in();
    let (state, counted) = counted(|| world.session.state());
    assert!(state.signed_in().is_some());
    keep(&[("state", counted)], &[("state", cost(25, 1044))]);
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
        // With the digest of the settings in the key of the pending login.
        ("Opened", cost(40, 2011)),
        ("PendingClaimed", cost(12, 1287)),
        // The tokens.
        ("Fetched", cost(74, 5488)),
        // The keys.
        ("Fetched", cost(58, 3718)),
        ("SignatureChecked", cost(31, 1867)),
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
    keep(&counted, &[("Renew", cost(9, 812)), ("Fetched", cost(87, 6819)), ("SignatureChecked", cost(21, 1213))]);
}

#[test]
fn what_is_allocated_is_counted() {
    assert_eq!(counted(|| Vec::<u8>::with_capacity(7)).1, cost(1, 7));
    assert_eq!(counted(|| [b"x".to_vec(), b"yz".to_vec()].concat()).1, cost(3, 6));
    let grown = counted(|| {
        let mut grown = Vec::<u8>::with_capacity(10);
        grown.reserve_exact(100);
        grown
    });
    assert_eq!(grown.1, cost(2, 110));
    assert_eq!(counted(|| Ask(1)).1, cost(0, 0));
}
