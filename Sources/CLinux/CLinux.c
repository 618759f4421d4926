// The shims are inline in the header; a target needs one source, and it compiles them all.
#include "CLinux.h"
