//! The table of vectors through this driver, over HTTP, with the local provider telling the lies (law 5).
//! Placeholder.
