-- One command of the service as bare SQL: stream row, event, snapshot, receipt, one transaction.
\set n random(1, :streams)
begin;
update mt_streams set version = version + 1, timestamp = now() where id = 'report/bench-0000000000/00000000-0000-8000-8000-' || lpad(cast(:n as text), 12, '0') returning id as stream, version \gset
insert into mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name) values (nextval('mt_events_sequence'), gen_random_uuid(), :stream, :version, cast(:event as jsonb), 'indicator-recorded.v1', clock_timestamp(), 'Ntm.Criteria.Reports.IndicatorRecorded, Ntm.Criteria', cast(gen_random_uuid() as text), cast(gen_random_uuid() as text), cast(:headers as jsonb), 'bench');
insert into mt_doc_report (id, data, mt_version, mt_dotnet_type, unit_id, period) values (:stream, cast(:snapshot as jsonb), :version, 'Ntm.Criteria.Reports.Report', cast(right(:stream, 36) as uuid), 'bench-0000000000') on conflict (id) do update set data = excluded.data, mt_version = excluded.mt_version, unit_id = excluded.unit_id, period = excluded.period, mt_last_modified = transaction_timestamp();
insert into mt_doc_receipt (id, data, mt_dotnet_type, at) values (md5(cast(random() as text)) || md5(cast(clock_timestamp() as text)), cast(:receipt as jsonb), 'Ntm.ServiceDefaults.Receipt', clock_timestamp());
end;
