"""Which kernel modules a machine loads at its start, in an order that works."""

import os

from .places import UML_MODULES, LabError

# What every scenario needs; one that needs more names it (`MODULES`). Nothing is loaded later: that
# would take a modprobe, which not every host has.
WANTED = ["overlay", "veth", "bridge", "ip_vs", "ip_vs_wrr", "ip_vs_wlc", "ip_vs_sed", "ip_vs_mh",
          "ip_vs_sh", "sch_prio", "sch_netem", "cls_u32"]


def directory():
    """The newest modules directory of the User-Mode Linux package."""
    try:
        return os.path.join(UML_MODULES, sorted(os.listdir(UML_MODULES))[-1])
    except (FileNotFoundError, IndexError):
        raise LabError(
            "No kernel modules in %s: run script/bootstrap, which installs user-mode-linux."
            % UML_MODULES
        ) from None


def load_order(more=()):
    """The files of the wanted modules and of all they depend on, each after its own needs."""
    root = directory()
    needs, file_of = {}, {}
    with open(os.path.join(root, "modules.dep"), encoding="utf-8") as table:
        for line in table:
            file, others = line.rstrip("\n").split(":", 1)
            needs[file] = others.split()
            file_of[os.path.basename(file).split(".")[0].replace("-", "_")] = file
    order = []
    for name in [*WANTED, *more]:
        file = file_of.get(name)
        if file is None:
            raise LabError("The kernel in %s has no module %s." % (root, name))
        for one in [*reversed(needs[file]), file]:
            if one not in order:
                order.append(one)
    return [os.path.join(root, file) for file in order]
