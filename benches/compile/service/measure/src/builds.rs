//! The builds of the services.

use crate::{Result, Service, copy::Copy, ir::Ir, wrapper};
use std::{fs, path::PathBuf, process::Command};

/// Builds the copied services.
pub(crate) struct Builds<'c> {
    copy: &'c Copy,
    /// The file with the times of the compiler.
    times: PathBuf,
    /// This program.
    program: PathBuf,
}

impl<'c> Builds<'c> {
    /// Builds all that the services depend on, in both of the ways in which they are built.
    pub(crate) fn new(copy: &'c Copy) -> Result<Self> {
        let builds = Builds { copy, times: copy.directory().join("times"), program: std::env::current_exe()? };
        for incremental in [false, true] {
            eprintln!("Building what the services depend on {}..", if incremental { "(incremental) " } else { "" });
            for service in &crate::SERVICES {
                builds.cargo(&["build", "--package", service.name], &[], incremental)?;
            }
        }
        Ok(builds)
    }

    /// The processor time of a clean debug build of a service alone, in seconds.
    pub(crate) fn clean(&self, service: &Service) -> Result<f64> {
        self.copy.touch(service)?;
        self.timed(service, false)
    }

    /// That of a build that starts from the one before.
    pub(crate) fn incremental(&self, service: &Service) -> Result<f64> {
        self.timed(service, true)
    }

    /// The size of the program that the last build made, in bytes.
    pub(crate) fn binary(&self, service: &Service) -> Result<u64> {
        Ok(fs::metadata(self.copy.target().join("debug").join(service.name))?.len())
    }

    /// The LLVM IR of a debug build.
    pub(crate) fn ir(&self, service: &Service) -> Result<Ir> {
        let file = self.copy.directory().join(service.name).with_extension("ll");
        self.copy.touch(service)?;
        let emit = format!("--emit=llvm-ir={}", file.display());
        let options = [emit.as_str(), "-Cdebuginfo=0", "-Ccodegen-units=1"];
        self.cargo(&["rustc", "--package", service.name], &options, false)?;
        Ok(Ir::of(&fs::read_to_string(file)?))
    }

    fn timed(&self, service: &Service, incremental: bool) -> Result<f64> {
        fs::write(&self.times, "")?;
        self.cargo(&["build", "--package", service.name], &[], incremental)?;
        let times = fs::read_to_string(&self.times)?;
        match times.lines().collect::<Vec<_>>()[..] {
            [time] => Ok(time.parse()?),
            ref times => Err(format!("{} was compiled {} times, not once", service.name, times.len()).into()),
        }
    }

    fn cargo(&self, arguments: &[&str], options: &[&str], incremental: bool) -> Result<()> {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(arguments).arg("--quiet");
        if !options.is_empty() {
            cargo.arg("--").args(options);
        }
        cargo
            .current_dir(self.copy.directory())
            .env("CARGO_TARGET_DIR", self.copy.target())
            .env("CARGO_INCREMENTAL", if incremental { "1" } else { "0" })
            .env("RUSTC_WORKSPACE_WRAPPER", &self.program)
            .env(wrapper::TIMES, &self.times);
        if cargo.status()?.success() { Ok(()) } else { Err(format!("`cargo {}` failed", arguments.join(" ")).into()) }
    }
}
