"""Validates records by dnspython, starting from a zone's DS alone (RFC 4035 section 5).

Arguments: address, port, zone, DS content. Standard input: JSON, a list of [name, type].
Standard output: JSON, a list of [name, type, verdict].
"""

import json
import sys

import dns.dnssec
import dns.message
import dns.name
import dns.query
import dns.rdata
import dns.rdataclass
import dns.rdatatype


def ask(name, kind):
    """The answer's records with their signature."""
    query = dns.message.make_query(name, kind, want_dnssec=True)
    response, _ = dns.query.udp_with_fallback(query, address, port=port, timeout=5)
    owner, rdtype = dns.name.from_text(name), dns.rdatatype.from_text(kind)
    find = lambda t, covers=dns.rdatatype.NONE: response.get_rrset(
        response.answer, owner, dns.rdataclass.IN, t, covers
    )
    return find(rdtype), find(dns.rdatatype.RRSIG, rdtype)


def trusted_keys():
    """The zone's keys, once one of them is the DS's and signs them all."""
    apex = dns.name.from_text(zone)
    keys, signature = ask(zone, "DNSKEY")
    anchor = dns.rdata.from_text("IN", "DS", ds)
    matching = [key for key in keys if dns.dnssec.make_ds(apex, key, anchor.digest_type) == anchor]
    if not matching:
        raise dns.dnssec.ValidationFailure("no key of the zone is the one of the DS")
    dns.dnssec.validate(keys, signature, {apex: matching})
    return {apex: keys}


def verdict(name, kind, keys):
    records, signature = ask(name, kind)
    if records is None:
        return "no such record"
    if signature is None:
        return "not signed"
    try:
        dns.dnssec.validate(records, signature, keys)
        return "valid"
    except dns.dnssec.ValidationFailure as failure:
        return str(failure)


address, port, zone, ds = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
try:
    found = trusted_keys()
    verdicts = [[name, kind, verdict(name, kind, found)] for name, kind in json.load(sys.stdin)]
except dns.dnssec.ValidationFailure as failure:
    verdicts = [[zone, "DNSKEY", str(failure)]]
json.dump(verdicts, sys.stdout)
