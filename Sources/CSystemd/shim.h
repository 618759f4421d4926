// libsystemd, as Debian ships it.
#pragma once

// Otherwise the calls for the journal become macros, which Swift cannot import.
#define SD_JOURNAL_SUPPRESS_LOCATION 1

#include <stdlib.h>
#include <sys/uio.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-journal.h>
