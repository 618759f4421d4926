"""IPv6 in the cluster, and the ways from the director to a server: masq, direct and tunnel."""

from netns import sysctl

VIP6 = "fd00::100"
WAYS = ["masq", "direct", "tunnel"]
# Of the kernel: with them every namespace has a first device of each kind.
MODULES = ["ipip", "ip6_tunnel"]
_ADDRESSES = [("10.0.0.1", "10.0.0.2/32"), ("fd00::1", "fd00::2/128")]  # of the director, the client


def address6(server):
    """That of a real server: r3 has fd00::13."""
    return "fd00::1" + server.name[1:]


def join6(cluster):
    """Gives everybody an address of IPv6 too, and what tunnels need."""
    hosts = {"c": "fd00::2", "d": "fd00::1"}
    hosts.update((server.name, address6(server)) for server in cluster.servers)
    for name, address in hosts.items():
        lines = ["addr add %s/64 dev e0 nodad" % address]
        if name == "d":
            # It is no address to begin with: packets in a tunnel need the director's own.
            lines.append("addr add %s/128 dev e0 nodad preferred_lft 0" % VIP6)
        if name.startswith("r"):
            lines += ["addr add %s/128 dev lo nodad" % VIP6, "link set tunl0 up",
                      "link set ip6tnl0 up"]
        cluster.ip(name, lines)
        if name.startswith("r"):
            # What comes out of a tunnel came by another way than its answer goes. And the
            # director, through which masqueraded answers go, would tell of the shorter way.
            sysctl(name, net__ipv4__conf__all__rp_filter=0, net__ipv4__conf__tunl0__rp_filter=0,
                   net__ipv4__conf__all__accept_redirects=0,
                   net__ipv4__conf__e0__accept_redirects=0,
                   net__ipv6__conf__e0__accept_redirects=0)
    sysctl("d", net__ipv6__conf__all__forwarding=1, net__ipv4__conf__all__send_redirects=0,
           net__ipv4__conf__e0__send_redirects=0)


def lead_answers(cluster, through_director):
    """Only where it masquerades they must pass the director; else they must not."""
    for server in cluster.servers:
        cluster.ip(server.name, [
            "route replace %s via %s" % (client, director) if through_director else
            "route replace %s dev e0" % client for director, client in _ADDRESSES])
