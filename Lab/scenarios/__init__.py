"""One scenario a module. The first line of its comment is what `script/lab list` says.

- guest(options): runs inside a machine, returns its figures with "ok"
- limit_seconds(options): seconds that a machine may take
- MODULES: optional, of the kernel, beside those that every machine has
- arguments(parser), host(options, boot): optional. host() runs outside, may boot several machines
  by boot(options) and joins their figures; without it there is one, and another one on a slower
  clock where a busy host made that fail.
"""
