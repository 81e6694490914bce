//! Only test and example targets live here.
