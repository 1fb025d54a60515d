//! Every version of a project.
pub mod similar;
