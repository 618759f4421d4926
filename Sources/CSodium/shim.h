// libsodium, as Debian ships it.
#pragma once

#include <sodium.h>
