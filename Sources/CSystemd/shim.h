// libsystemd, as Debian ships it.
#pragma once

// As CLinux has it: the two describe the same types of the C library to one compiler.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1
#endif

// Otherwise the calls for the journal become macros, which Swift cannot import.
#define SD_JOURNAL_SUPPRESS_LOCATION 1

#include <stdlib.h>
#include <sys/uio.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
